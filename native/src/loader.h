// Finds the OpenCL loader (libOpenCL) at run time.
#pragma once

#include <string>

#include "opencl_api.h"

namespace bnnw {

/// Opens the loader if that is not done yet: first the one that BNNW_OPENCL_LOADER names, then the system's.
/// It stays open until the process ends, because drivers keep threads in it. Throws Failure (call `dlopen`).
const OpenCl& loadOpenCl();

/// The table of the open loader. Only for code that holds a handle, which proves that there is one.
const OpenCl& openCl();

/// The path of the open loader; throws as loadOpenCl().
const std::string& loaderPath();

}  // namespace bnnw
