# The CSV job for mawk: quoted notes come last, so the fields before them need no unquoting.
BEGIN { FS = "," }
$1 == "id" { next }
{ n[$3]++; q[$3] += $5; if (!($3 in lo) || $6 < lo[$3]) lo[$3] = $6; if ($6 > hi[$3]) hi[$3] = $6 }
END { for (r in n) print r, n[r], q[r], q[r] / n[r], lo[r], hi[r] }
