#include "CUblkABI.h"
