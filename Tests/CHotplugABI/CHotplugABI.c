#include "CHotplugABI.h"
