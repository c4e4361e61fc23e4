# boto3, by python: see boto3_suite.py.
. "$COMPAT_HERE/lib/check.sh"
need python3 "apt-get install python3"
python3 -c 'import boto3' 2>/dev/null || { echo "skip boto3 is not installed: apt-get install python3-boto3"; exit 0; }
exec python3 "$COMPAT_HERE/suites/boto3_suite.py"
