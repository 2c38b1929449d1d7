# Installs the units, users and folders that systemd/ holds: whatever exists of it. Under /usr they go where the
# system's systemd says; under any other prefix to the lib/ folder there, which systemd reads for /usr/local too.
set(BATON_UNIT_DIR ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
set(BATON_USER_UNIT_DIR ${CMAKE_INSTALL_PREFIX}/lib/systemd/user)
set(BATON_SYSUSERS_DIR ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d)
set(BATON_TMPFILES_DIR ${CMAKE_INSTALL_PREFIX}/lib/tmpfiles.d)

function(baton_ask_systemd variable name)
  pkg_get_variable(answer systemd ${name})
  if(answer)
    set(${variable} ${answer} PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  baton_ask_systemd(BATON_UNIT_DIR systemdsystemunitdir)
  baton_ask_systemd(BATON_USER_UNIT_DIR systemduserunitdir)
  baton_ask_systemd(BATON_SYSUSERS_DIR sysusersdir)
  baton_ask_systemd(BATON_TMPFILES_DIR tmpfilesdir)
endif()

# Units name the program by its path, so they are written for the prefix that is installed to.
function(baton_install_unit file folder)
  set(source ${PROJECT_SOURCE_DIR}/systemd/${file})
  if(EXISTS ${source}.in)
    configure_file(${source}.in ${PROJECT_BINARY_DIR}/systemd/${file} @ONLY)
    set(source ${PROJECT_BINARY_DIR}/systemd/${file})
  endif()
  if(EXISTS ${source})
    install(FILES ${source} DESTINATION ${folder})
  endif()
endfunction()

function(baton_install_snippet destination)
  file(GLOB found CONFIGURE_DEPENDS ${ARGN})
  if(found)
    install(FILES ${found} DESTINATION ${destination} RENAME baton.conf)
  endif()
endfunction()

set(units ${PROJECT_SOURCE_DIR}/systemd)
baton_install_unit(baton.service ${BATON_UNIT_DIR})
baton_install_unit(baton@.service ${BATON_UNIT_DIR})
baton_install_unit(baton-init.service ${BATON_UNIT_DIR})
baton_install_unit(baton-work@.service ${BATON_USER_UNIT_DIR})
baton_install_snippet(${BATON_SYSUSERS_DIR} ${units}/sysusers*/baton.conf ${units}/*sysusers*.conf)
baton_install_snippet(${BATON_TMPFILES_DIR} ${units}/tmpfiles*/baton.conf ${units}/*tmpfiles*.conf)
# A drop-in that the administrator copies when the service shall run commands; never in force by itself.
install(FILES ${units}/commands.conf DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples OPTIONAL)
