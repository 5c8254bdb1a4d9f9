# cmake -DNM=nm -DNAMESPACE=facewire::avx2 -DOBJECTS=a.o;b.o -P isolation.cmake: fails when a file that is
# compiled for a newer CPU defines a weak symbol, because the linker might then use its
# copy of a shared inline function on a CPU that cannot run it.
if(NOT OBJECTS)
  message(FATAL_ERROR "no objects to look at")
endif()
foreach(object IN LISTS OBJECTS)
  execute_process(COMMAND ${NM} -C ${object} OUTPUT_VARIABLE symbols RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${NM} cannot read ${object}")
  endif()
  # A reference to the runtime, which coverage builds have, is no copy of anything.
  string(REGEX REPLACE "[^\n]* V DW\\.ref\\.[^\n]*\n" "" symbols "${symbols}")
  string(REGEX MATCHALL "[^\n]* [WwVvu] [^\n]*" weak "${symbols}")
  if(weak)
    list(JOIN weak "\n" weak)
    message(FATAL_ERROR "weak symbols in ${object}:\n${weak}")
  endif()
  if(NOT symbols MATCHES "${NAMESPACE}::(k|number_list|find_number_items)[a-zA-Z]*")
    message(FATAL_ERROR "${object} defines no kernels")
  endif()
endforeach()
