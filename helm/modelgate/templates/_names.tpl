{{/* The app's name in labels. */}}
{{- define "modelgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* What the names of all objects begin with; short enough for "-operator" and the hashes of pods after it. */}}
{{- define "modelgate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "modelgate.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "modelgate.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "modelgate.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{/* Of a component: (dict "root" $ "component" "proxy"). */}}
{{- define "modelgate.serviceAccountName" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- if $account.create -}}
{{- default (printf "%s-%s" (include "modelgate.fullname" .root) .component) $account.name -}}
{{- else -}}
{{- required (printf "%s.serviceAccount.name: with create=false, name the ServiceAccount to use" .component) $account.name -}}
{{- end -}}
{{- end -}}

{{/* The image; a digest says exactly which and wins over the tag. */}}
{{- define "modelgate.image" -}}
{{- $image := .Values.image -}}
{{- $registry := default (dig "imageRegistry" "" (default dict .Values.global)) $image.registry -}}
{{- if $registry }}{{ $registry }}/{{ end }}{{ $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ default .Chart.AppVersion $image.tag }}{{ end -}}
{{- end -}}

{{/* The URL that applications in the cluster use; official SDKs want it with /v1. */}}
{{- define "modelgate.baseURL" -}}
{{- $port := int .Values.proxy.service.port -}}
http://{{ include "modelgate.fullname" . }}-proxy.{{ include "modelgate.namespace" . }}.svc{{ if ne $port 80 }}:{{ $port }}{{ end }}/v1
{{- end -}}
