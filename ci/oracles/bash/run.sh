#!/usr/bin/env bash
# What ackcheck says of scripts beside what bash does with them: generated ones, and those of the field. Needs bash alone.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-bash
. ci/suite.sh

find_example env_scripts
exec python3 -B ci/oracles/bash/bash_oracle.py "$example"
