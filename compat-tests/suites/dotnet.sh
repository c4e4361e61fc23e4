# The AWS SDK for .NET: see ../Ambry.Compat.DotNet.
. "$COMPAT_HERE/lib/check.sh"
dotnet build "$COMPAT_HERE/Ambry.Compat.DotNet" -c Release -nologo -v q -clp:NoSummary >&2 || exit 1
exec dotnet "$COMPAT_HERE/Ambry.Compat.DotNet/bin/Release/net10.0/Ambry.Compat.DotNet.dll"
