# The viewer behind /docs: RapiDoc, from the npm registry (or the one that npm_config_registry names), always the same
# bytes. What was downloaded is kept for all checkouts of a user. Sets RAPIDOC to the folder of its package.
set(RAPIDOC_VERSION 9.3.8)
set(RAPIDOC_SHA512
    7826046ebd57afc38966f542c3c49797dcc1091a0b25b84d1ae1b92194c7abf45600eabf3b831a7d40ae144c991ecae12eb95470664c6bae29ca1a626fc7d029
)

function(fetch_rapidoc)
  set(cache $ENV{XDG_CACHE_HOME})
  if(NOT cache)
    set(cache $ENV{HOME}/.cache)
  endif()
  set(cache ${cache}/quartermaster/npm)
  set(registry $ENV{npm_config_registry})
  if(NOT registry)
    set(registry https://registry.npmjs.org)
  endif()
  string(REGEX REPLACE "/$" "" registry ${registry})
  set(archive rapidoc-${RAPIDOC_VERSION}.tgz)
  set(url ${registry}/rapidoc/-/${archive})

  file(LOCK ${cache} DIRECTORY GUARD FUNCTION TIMEOUT 120)
  set(status "")
  set(found none)
  if(EXISTS ${cache}/${archive})
    file(SHA512 ${cache}/${archive} found)
  endif()
  if(NOT found STREQUAL RAPIDOC_SHA512)
    message(STATUS "Downloading ${url}")
    file(DOWNLOAD ${url} ${cache}/${archive} TIMEOUT 120 TLS_VERIFY ON STATUS status)
    if(EXISTS ${cache}/${archive})
      file(SHA512 ${cache}/${archive} found)
    endif()
  endif()
  if(NOT found STREQUAL RAPIDOC_SHA512)
    file(REMOVE ${cache}/${archive})
    message(FATAL_ERROR "The viewer for /docs cannot be had from ${url}: ${status}, SHA-512 ${found}. Place ${archive} of "
                        "the npm registry, with the SHA-512 ${RAPIDOC_SHA512}, in ${cache}; or name a registry that can "
                        "be reached in the environment as npm_config_registry.")
  endif()
  set(dist package/dist/rapidoc-min.js)
  file(
    ARCHIVE_EXTRACT
    INPUT ${cache}/${archive}
    DESTINATION ${CMAKE_BINARY_DIR}/rapidoc
    PATTERNS package/LICENSE.txt ${dist}.gz ${dist}.LICENSE.txt)
endfunction()

fetch_rapidoc()
set(RAPIDOC ${CMAKE_BINARY_DIR}/rapidoc/package)
