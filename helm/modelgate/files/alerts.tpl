{{- $scope := printf `namespace="%s",pod=~"%s-.*"` (include "modelgate.namespace" .) (include "modelgate.fullname" .) -}}
- name: modelgate
  rules:
    - alert: ModelgateConfigRefused
      expr: increase(modelgate_config_loads_total{result="refused",{{ $scope }}}[10m]) > 0
      labels: {severity: critical}
      annotations:
        summary: A proxy refuses the configuration and serves the one before.
        description: 'Edits do not take effect on {{ "{{ $labels.pod }}" }}. Its log says what is wrong; kubectl get modelgate -A shows what is not Programmed.'
    - alert: ModelgateConfigsDiffer
      expr: count(count by (revision) (modelgate_config_info{{ "{" }}{{ $scope }}{{ "}" }})) > 1
      for: 10m
      labels: {severity: warning}
      annotations:
        summary: Proxies have served different configurations for ten minutes.
        description: Compare modelgate_config_info of the pods; the one that is behind cannot reach the API server, or refuses the configuration.
    - alert: ModelgateUpstreamFailures
      expr: |
        sum by (alias, credential) (rate(modelgate_upstream_failures_total{{ "{" }}{{ $scope }}{{ "}" }}[5m]))
          / sum by (alias, credential) (rate(modelgate_upstream_attempts_total{{ "{" }}{{ $scope }}{{ "}" }}[5m])) > 0.2
      for: 10m
      labels: {severity: warning}
      annotations:
        summary: A fifth of the requests to a provider fail.
        description: 'Alias {{ "{{ $labels.alias }}" }}, credential {{ "{{ $labels.credential }}" }}. Callers may not notice while another target answers; modelgate_upstream_failures_total has the reasons.'
    - alert: ModelgateErrors
      expr: |
        sum by (alias) (rate(modelgate_requests_total{status=~"5..",{{ $scope }}}[5m]))
          / sum by (alias) (rate(modelgate_requests_total{{ "{" }}{{ $scope }}{{ "}" }}[5m])) > 0.05
      for: 5m
      labels: {severity: critical}
      annotations:
        summary: Callers get errors.
        description: 'More than 5 % of the requests to alias {{ "{{ $labels.alias }}" }} end with a 5xx.'
