{{/*
The pod of a component: (dict "root" $ "component" "proxy" "grace" 30 "args" (list …) "ports" (dict name number) "mounts" (list …)
"volumes" (list …) "env" (list …) "container" "more fields of the container"). It keeps to the restricted Pod Security Standard.
*/}}
{{- define "modelgate.pod" -}}
{{- $settings := index .root.Values .component -}}
{{- $pullSecrets := default (dig "imagePullSecrets" list (default dict .root.Values.global)) .root.Values.imagePullSecrets -}}
metadata:
  labels:
    {{- mergeOverwrite (deepCopy .root.Values.commonLabels) $settings.podLabels (include "modelgate.selectorLabels" . | fromYaml) | toYaml | nindent 4 }}
  {{- with mergeOverwrite (deepCopy .root.Values.commonAnnotations) $settings.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "modelgate.serviceAccountName" . }}
  automountServiceAccountToken: true
  enableServiceLinks: false
  {{- with $pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ if kindIs "string" . }}{{ . }}{{ else }}{{ .name }}{{ end }}
    {{- end }}
  {{- end }}
  {{- with $settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ .grace }}
  securityContext:
    {{- $pod := dict "runAsNonRoot" true "runAsUser" 65532 "runAsGroup" 65532 "fsGroup" 65532 "seccompProfile" (dict "type" "RuntimeDefault") }}
    {{- mergeOverwrite $pod $settings.podSecurityContext | toYaml | nindent 4 }}
  containers:
    - name: {{ .component }}
      image: {{ include "modelgate.image" .root | quote }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args:
        {{- concat (list .component) .args $settings.extraArgs | toStrings | toYaml | nindent 8 }}
      env:
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- with .env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- with $settings.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $settings.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        {{- range $name, $port := .ports }}
        - {name: {{ $name }}, containerPort: {{ $port }}, protocol: TCP}
        {{- end }}
      securityContext:
        {{- $container := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) }}
        {{- mergeOverwrite $container $settings.securityContext | toYaml | nindent 8 }}
      {{- with $settings.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- .container | nindent 6 }}
      volumeMounts:
        # Node keeps compiled code here, for the next start in this pod.
        - {name: tmp, mountPath: /tmp}
        {{- with concat (default list .mounts) $settings.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- with concat (default list .volumes) $settings.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.topologySpreadConstraints }}
  {{- $selector := dict "labelSelector" (dict "matchLabels" (include "modelgate.selectorLabels" $ | fromYaml)) }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ mergeOverwrite (deepCopy $selector) . | toYaml | nindent 6 | trim }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* A PodDisruptionBudget: (dict "root" $ "component" "proxy" "replicas" 2). With one replica it would block every drain of its node. */}}
{{- define "modelgate.pdb" -}}
{{- $pdb := (index .root.Values .component).pdb -}}
{{- if and $pdb.enabled (gt (int .replicas) 1) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "modelgate.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ $pdb.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "modelgate.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}

{{/* A ServiceAccount: (dict "root" $ "component" "proxy"). Pods ask for its token themselves. */}}
{{- define "modelgate.serviceAccount" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- if $account.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- $own := dict "name" (include "modelgate.serviceAccountName" .) "annotations" $account.annotations }}
  {{- include "modelgate.metadata" (merge $own .) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}
