# Sourced: makes `venv` a Python with what requirements.txt names, installed once into target/outsiders.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/../../target/outsiders
venv=$work/venv
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/installed.txt"
fi
