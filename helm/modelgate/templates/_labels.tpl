{{/* What selects the pods of a component, and never changes: (dict "root" $ "component" "proxy"). */}}
{{- define "modelgate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "modelgate.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "modelgate.labels" -}}
{{- $own := include "modelgate.selectorLabels" . | fromYaml -}}
{{- $chart := dict
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/part-of" "modelgate"
  "app.kubernetes.io/managed-by" .root.Release.Service
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name (replace "+" "_" .root.Chart.Version)) -}}
{{- toYaml (mergeOverwrite (dict) .root.Values.commonLabels $chart $own) -}}
{{- end -}}

{{/*
The metadata of an object of a component: (dict "root" $ "component" "proxy"), with "name" instead of
"<fullname>-<component>", further "labels" and "annotations", and "cluster" true for what has no namespace.
*/}}
{{- define "modelgate.metadata" -}}
name: {{ default (printf "%s-%s" (include "modelgate.fullname" .root) .component) .name }}
{{- if not .cluster }}
namespace: {{ default (include "modelgate.namespace" .root) .namespace }}
{{- end }}
labels:
  {{- mergeOverwrite (include "modelgate.labels" . | fromYaml) (default dict .labels) | toYaml | nindent 2 }}
{{- with mergeOverwrite (deepCopy .root.Values.commonAnnotations) (default dict .annotations) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
