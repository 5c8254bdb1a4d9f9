# Steps of .ci/run on the native core alone.

# native_build FOLDER CMAKE-OPTIONS...: the core and its tests, without a warning.
native_build() {
  local folder="$1"
  shift
  cmake -S native -B "${folder}" -DFACEWIRE_TESTS=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_COMPILE_WARNING_AS_ERROR=ON "$@" >/dev/null &&
    cmake --build "${folder}" -j 2
}

# native_ctest FOLDER CTEST-OPTIONS...: counts each program as a test.
native_ctest() {
  local folder="$1" log
  shift
  log="$(mktemp)"
  ctest --test-dir "${folder}" --output-on-failure -j 2 "$@" 2>&1 | tee "${log}" | grep -v '^ *Start '
  local code=${PIPESTATUS[0]}
  if [[ "$(<"${log}")" =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
    failed=$((failed + BASH_REMATCH[1]))
    passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
  else
    echo "no tests were found in ${folder}"
    code=1
  fi
  rm -f "${log}"
  return "${code}"
}

native_tests() { # native_tests FOLDER CMAKE-OPTIONS...
  native_build "$@" && native_ctest "$1" -LE soak
}

native_coverage() {
  local folder=build-coverage
  # Counts of an earlier run would add up.
  [[ -d "${folder}" ]] && find "${folder}" -name '*.gcda' -delete
  native_tests "${folder}" -DFACEWIRE_COVERAGE=ON &&
    gcovr --root native --object-directory "${folder}" --exclude 'native/test/' --exclude 'native/binding/' \
      --fail-under-line "${FACEWIRE_COVERAGE_LINES:-90}"
}

# fuzz_one TARGET: one fuzzer, from its corpus, for a short while.
fuzz_one() {
  local name work code=0
  name="$(basename "$1" _fuzz)"
  work="$(mktemp -d)"
  [[ -d "native/fuzz/corpus/${name}" ]] && cp -r "native/fuzz/corpus/${name}/." "${work}/"
  local options=(-max_total_time="${FACEWIRE_FUZZ_SECONDS:-30}" -verbosity=0 -print_final_stats=0)
  # One seed, so that a landing is not a lottery; look for more with another seed and more seconds.
  options+=(-seed="${FACEWIRE_FUZZ_SEED:-1}" -artifact_prefix="build-fuzz/${name}-")
  [[ -f "native/fuzz/${name}.dict" ]] && options+=(-dict="native/fuzz/${name}.dict")
  "$1" "${options[@]}" "${work}" 2>&1 || { code=1; echo "fuzz: ${name} failed; see build-fuzz/${name}-*"; }
  rm -rf "${work}"
  echo "fuzz: ${name} ended with ${code}"
  return "${code}"
}

fuzz() {
  cmake -S native -B build-fuzz -DFACEWIRE_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_COMPILE_WARNING_AS_ERROR=ON >/dev/null &&
    cmake --build build-fuzz -j 2 || return 1
  local targets=(build-fuzz/fuzz/*_fuzz)
  [[ -x "${targets[0]}" ]] || { echo "no fuzz target was built"; return 1; }
  export -f fuzz_one
  printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P 2 bash -c 'fuzz_one "$1"' fuzz_one
}
