#!/usr/bin/env bash
# The lab's cloud account against Alibaba's own Python SDKs: signatures of both kinds, pages, refusals, the RAM role.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=openapi
. ci/suite.sh
. ci/clients/lab.sh

python_environment clients ci/requirements.txt || { fail "ci/requirements.txt" "it cannot be installed"; finish; }
find_program
start_lab
timeout 900 "$python" -B ci/clients/openapi/openapi.py "$proxy" "$lab_folder"
