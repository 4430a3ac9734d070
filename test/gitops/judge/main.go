// Command judge says what Argo CD and Flux make of objects, by the code that those two run: gopher-lua with the
// libraries that Argo CD opens, and kstatus and CEL as Flux has them. It reads one JSON document and writes one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	helm "github.com/fluxcd/helm-controller/api/v2"
	flux "github.com/fluxcd/kustomize-controller/api/v1"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	source "github.com/fluxcd/source-controller/api/v1"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

type question struct {
	// Script is a health check of Argo CD.
	Script string `json:"script"`
	// Exprs are healthCheckExprs of a Flux Kustomization.
	Exprs []kustomize.CustomHealthCheck `json:"exprs"`
	// Objects are judged as they would be in a cluster.
	Objects []map[string]any `json:"objects"`
	// Manifests of Flux, as YAML: each must have known fields only.
	Manifests []string `json:"manifests"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type judgement struct {
	Argo    *health `json:"argo,omitempty"`
	Kstatus health  `json:"kstatus"`
	Flux    string  `json:"flux"`
}

type answer struct {
	Judgements []judgement `json:"judgements"`
	Faults     []string    `json:"faults"`
}

func main() {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		fail(err)
	}
	told := answer{Judgements: []judgement{}, Faults: []string{}}
	for _, object := range asked.Objects {
		judged, err := judge(asked, whole(object).(map[string]any))
		if err != nil {
			fail(err)
		}
		told.Judgements = append(told.Judgements, judged)
	}
	for _, manifest := range asked.Manifests {
		if err := checkManifest(manifest); err != nil {
			told.Faults = append(told.Faults, err.Error())
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// whole turns numbers into what a client of Kubernetes has: whole ones are int64.
func whole(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, member := range typed {
			typed[key] = whole(member)
		}
	case []any:
		for i, member := range typed {
			typed[i] = whole(member)
		}
	case float64:
		return int64(typed)
	}
	return value
}

func judge(asked question, object map[string]any) (judgement, error) {
	u := &unstructured.Unstructured{Object: object}
	var judged judgement
	if asked.Script != "" {
		argo, err := argoHealth(asked.Script, object)
		if err != nil {
			return judged, fmt.Errorf("%s %s: %w", u.GetKind(), u.GetName(), err)
		}
		judged.Argo = &argo
	}
	result, err := status.Compute(u)
	if err != nil {
		return judged, err
	}
	judged.Kstatus = health{Status: string(result.Status), Message: result.Message}
	judged.Flux, err = fluxStatus(asked.Exprs, u, string(result.Status))
	return judged, err
}

// argoHealth runs a script as https://github.com/argoproj/argo-cd/blob/v3.1.0/util/lua/lua.go does: no string
// library, the object as the global `obj`, a table with status and message as the result.
func argoHealth(script string, object map[string]any) (health, error) {
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		if err := l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return health{}, err
		}
	}
	l.SetGlobal("obj", toLua(l, object))
	if err := l.DoString(script); err != nil {
		return health{}, err
	}
	table, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		return health{}, fmt.Errorf("the script returned %s, not a table", l.Get(-1).Type())
	}
	return health{Status: table.RawGetString("status").String(), Message: table.RawGetString("message").String()}, nil
}

func toLua(l *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case map[string]any:
		table := l.CreateTable(0, len(typed))
		for key, member := range typed {
			table.RawSetString(key, toLua(l, member))
		}
		return table
	case []any:
		table := l.CreateTable(len(typed), 0)
		for _, member := range typed {
			table.Append(toLua(l, member))
		}
		return table
	case string:
		return lua.LString(typed)
	case bool:
		return lua.LBool(typed)
	case int64:
		return lua.LNumber(typed)
	}
	return lua.LNil
}

// fluxStatus is what a Kustomization with `wait: true` goes by: its own expressions for the kind, else kstatus.
func fluxStatus(exprs []kustomize.CustomHealthCheck, u *unstructured.Unstructured, otherwise string) (string, error) {
	for _, expr := range exprs {
		if expr.APIVersion != u.GetAPIVersion() || expr.Kind != u.GetKind() {
			continue
		}
		evaluator, err := cel.NewStatusEvaluator(&expr.HealthCheckExpressions)
		if err != nil {
			return "", err
		}
		result, err := evaluator.Evaluate(context.Background(), u)
		if err != nil {
			// Such as `status` in an object without one: Flux goes on waiting.
			return string(status.UnknownStatus), nil
		}
		return string(result.Status), nil
	}
	return otherwise, nil
}

// checkManifest refuses fields that Flux does not know.
func checkManifest(manifest string) error {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(manifest), &head); err != nil {
		return err
	}
	types := map[string]any{
		"Kustomization":  &flux.Kustomization{},
		"HelmRelease":    &helm.HelmRelease{},
		"GitRepository":  &source.GitRepository{},
		"OCIRepository":  &source.OCIRepository{},
		"HelmRepository": &source.HelmRepository{},
	}
	into, known := types[head.Kind]
	if !known {
		return fmt.Errorf("%s is no kind of Flux that is known here", head.Kind)
	}
	if err := yaml.UnmarshalStrict([]byte(manifest), into); err != nil {
		return fmt.Errorf("%s: %w", head.Kind, err)
	}
	return nil
}
