{{- define "quartermaster.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "quartermaster.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "quartermaster.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "quartermaster.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Cluster-wide objects of two releases of one name must not be the same. */}}
{{- define "quartermaster.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "quartermaster.fullname" .) -}}
{{- end -}}

{{- define "quartermaster.selector" -}}
app.kubernetes.io/name: {{ include "quartermaster.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: service
{{- end -}}

{{- define "quartermaster.labels" -}}
app.kubernetes.io/name: {{ include "quartermaster.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "quartermaster.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "quartermaster.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "quartermaster.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{/* The rules of the features that are on, without those that are in others already; files/rules.yaml is generated. */}}
{{- define "quartermaster.rules" -}}
{{- $on := merge (dict "cache" .Values.cache.enabled) .Values.permissions -}}
{{- $rules := .Files.Get "files/rules.yaml" | fromYaml -}}
{{- $verbs := dict -}}
{{- range $feature, $list := $rules -}}
{{- if and (get $on $feature) -}}
{{- range $list -}}
{{- $key := printf "%s/%s" (first .apiGroups) (first .resources) -}}
{{- $_ := set $verbs $key (concat (default list (get $verbs $key)) .verbs) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $key, $all := $verbs }}
- apiGroups: [{{ regexReplaceAll "/.*" $key "" | quote }}]
  resources: [{{ regexReplaceAll "^[^/]*/" $key "" }}]
  verbs: [{{ $all | uniq | sortAlpha | join ", " }}]
{{- end -}}
{{- if and .Values.permissions.tenantMembers .Values.tenants.memberRoles }}
- apiGroups: ["rbac.authorization.k8s.io"]
  resources: [clusterroles]
  resourceNames: {{ toJson .Values.tenants.memberRoles }}
  verbs: [bind]
{{- end -}}
{{- end -}}

{{- define "quartermaster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "quartermaster.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Where callers find their token: a projected one for our audience; without one, that for the API server. */}}
{{- define "quartermaster.callerToken" -}}
name: token
projected:
  sources:
    - serviceAccountToken:
        path: token
        {{- with .Values.auth.audiences }}
        audience: {{ first . | quote }}
        {{- end }}
{{- end -}}

{{- define "quartermaster.tlsSecret" -}}
{{- default (printf "%s-tls" (include "quartermaster.fullname" .)) .Values.tls.secretName -}}
{{- end -}}

{{- define "quartermaster.scheme" -}}
{{- .Values.tls.enabled | ternary "https" "http" -}}
{{- end -}}
