#!/bin/bash
# Checks every document below DIR against schemas/ with an independent validator (python3-jsonschema).
#   validate-documents.sh [--written] DIR
set -euo pipefail
if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  echo "validate-documents: python3-jsonschema is not installed (apt-get install python3-jsonschema)" >&2
  exit 2
fi
exec /usr/bin/python3 "$(dirname "$0")/validate-documents.py" "$@"
