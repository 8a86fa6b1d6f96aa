# Reads CTest's logs (Testing/Temporary/LastTest.log) and prints the test cases of all programs: "passed failed skipped".
#
# A program of Catch2 says how many of its cases passed and failed; any other program is one case. A program that fails
# and does not say which case did (it crashed, ran out of time, is not there) is one failed case. A line "left out: "
# is a case, or a program, that says itself that it cannot run here.

/^"[^"]*" start time: / { told = cases_passed = cases_failed = left_out = 0 }
/^left out: /           { left_out++ }
/^All tests passed \(/  { told = 1; for (i = 2; i <= NF; i++) if ($i == "test") cases_passed += $(i - 1) }
/^test cases: /         { told = 1; for (i = 2; i <= NF; i++) if ($i == "passed") cases_passed += $(i - 1)
                          for (i = 2; i <= NF; i++) if ($i == "failed" && $(i + 1) != "as") cases_failed += $(i - 1) }
/^Unable to find executable: / { missing = 1 }  # stands before the start; CTest goes on to say that it has passed
/^Test Passed\.$/ {
  if (missing) failed++
  else if (told) passed += cases_passed - left_out
  else if (!left_out) passed++
  failed += cases_failed
  skipped += left_out
  missing = 0
}
/^Test Failed\.$/ {
  passed += told ? cases_passed - left_out : 0
  failed += cases_failed ? cases_failed : 1
  skipped += left_out
}
END { print passed + 0, failed + 0, skipped + 0 }
