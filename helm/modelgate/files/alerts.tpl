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
    - alert: ModelgateNoLeader
      expr: absent(modelgate_operator_leader{{ "{" }}{{ $scope }}{{ "}" }} == 1)
      for: 5m
      labels: {severity: critical}
      annotations:
        summary: No operator leads.
        description: Traffic goes on by the last configuration, but no edit takes effect and no key is rotated.
    - alert: ModelgateReconcilesFail
      expr: increase(modelgate_operator_reconciles_total{result="error",{{ $scope }}}[10m]) > 3
      for: 10m
      labels: {severity: critical}
      annotations:
        summary: The operator cannot publish.
        description: 'The log of {{ "{{ $labels.pod }}" }} says why. Traffic goes on by the last configuration.'
    - alert: ModelgateProxiesBehind
      expr: max(modelgate_operator_proxies{{ "{" }}{{ $scope }}{{ "}" }}) - max(modelgate_operator_proxies_programmed{{ "{" }}{{ $scope }}{{ "}" }}) > 0
      for: 10m
      labels: {severity: warning}
      annotations:
        summary: A proxy does not take over what is published.
        description: Resources stay Programmed=False. The proxies' own log and /status say what they serve.
