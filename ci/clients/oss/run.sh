#!/usr/bin/env bash
# The lab's OSS against the clients that Alibaba wrote: oss2 and alibabacloud_oss_v2, signatures 1 and 4, lasting and
# temporary keys. They put, get, list, copy, upload in parts, sign URLs and delete, and are refused where the real OSS
# refuses.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oss
. ci/suite.sh
. ci/clients/lab.sh

python_environment clients ci/requirements.txt || { fail "ci/requirements.txt" "it cannot be installed"; finish; }
find_program
start_lab
REQUESTS_CA_BUNDLE=$authority timeout 900 "$python" -B ci/clients/oss/oss.py "$site" "$proxy"
