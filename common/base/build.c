#include "base/build.h"

const char build_version[] = BUILD_VERSION;
const char build_config_path[] = BUILD_SYSCONFDIR "/foldergate/foldergate.conf";
