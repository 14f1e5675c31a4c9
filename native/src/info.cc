#include "info.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "loader.h"

namespace bnnw {
namespace {

auto platformQuery(cl_platform_id platform, cl_uint what) {
  return [=](size_t size, void* value, size_t* needed) {
    return openCl().clGetPlatformInfo(platform, what, size, value, needed);
  };
}

/// Asks one device. Fields that OpenCL 1.0 requires throw where a driver refuses them; the optional ones do
/// not.
class DeviceQuery {
  auto get(cl_uint what) const {
    return [device = device_, what](size_t size, void* value, size_t* needed) {
      return openCl().clGetDeviceInfo(device, what, size, value, needed);
    };
  }

 public:
  explicit DeviceQuery(cl_device_id device) : device_(device) {}

  template <typename Value>
  Value value(cl_uint what) const {
    return queryValue<Value>("clGetDeviceInfo", get(what));
  }
  template <typename Element>
  std::vector<Element> list(cl_uint what) const {
    return queryList<Element>("clGetDeviceInfo", get(what));
  }
  std::string text(cl_uint what) const { return queryText("clGetDeviceInfo", get(what)); }
  double number(cl_uint what) const { return value<cl_uint>(what); }
  double number64(cl_uint what) const { return static_cast<double>(value<cl_ulong>(what)); }
  double size(cl_uint what) const { return static_cast<double>(value<size_t>(what)); }
  bool flag(cl_uint what) const { return value<cl_bool>(what) != CL_FALSE; }

  template <typename Value>
  std::optional<Value> optional(cl_uint what) const {
    Value value{};
    return get(what)(sizeof value, &value, nullptr) == CL_SUCCESS ? std::optional<Value>(value)
                                                                  : std::nullopt;
  }
  std::string textOr(cl_uint what, const char* otherwise) const {
    size_t bytes = 0;
    return get(what)(0, nullptr, &bytes) == CL_SUCCESS ? text(what) : otherwise;
  }

 private:
  cl_device_id device_;
};

using Extensions = std::vector<std::string>;

bool has(const Extensions& extensions, const char* name) {
  return std::find(extensions.begin(), extensions.end(), name) != extensions.end();
}

const char* typeName(cl_bitfield type) {
  if (type & CL_DEVICE_TYPE_CPU) return "cpu";
  if (type & CL_DEVICE_TYPE_GPU) return "gpu";
  if (type & CL_DEVICE_TYPE_ACCELERATOR) return "accelerator";
  return "custom";
}

/// Domain, bus, device and function as `0000:01:00.0`.
std::string formatPci(cl_uint domain, cl_uint bus, cl_uint device, cl_uint function) {
  char text[64];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.%x", domain, bus, device, function);
  return text;
}

/// Each form is asked for only where its extension is there: an unknown number may mean something else to
/// another vendor's driver.
std::optional<std::string> pciAddress(const DeviceQuery& query, const Extensions& extensions) {
  if (has(extensions, "cl_khr_pci_bus_info")) {
    struct Info {
      cl_uint domain, bus, device, function;
    };
    if (const auto info = query.optional<Info>(CL_DEVICE_PCI_BUS_INFO_KHR)) {
      return formatPci(info->domain, info->bus, info->device, info->function);
    }
  }
  if (has(extensions, "cl_nv_device_attribute_query")) {
    const auto bus = query.optional<cl_uint>(CL_DEVICE_PCI_BUS_ID_NV);
    const auto slot = query.optional<cl_uint>(CL_DEVICE_PCI_SLOT_ID_NV);  // device in the upper 5 bits of 8
    const auto domain = query.optional<cl_uint>(CL_DEVICE_PCI_DOMAIN_ID_NV);  // newer than the other two
    if (bus && slot) return formatPci(domain.value_or(0), *bus, *slot >> 3, *slot & 7);
  }
  if (has(extensions, "cl_amd_device_attribute_query")) {
    struct Topology {
      cl_uint type;
      uint8_t unused[17];
      uint8_t bus, device, function;
    };
    static_assert(sizeof(Topology) == 24, "as the extension defines it");
    constexpr cl_uint pcie = 1;
    const auto topology = query.optional<Topology>(CL_DEVICE_TOPOLOGY_AMD);
    if (topology && topology->type == pcie)
      return formatPci(0, topology->bus, topology->device, topology->function);
  }
  return std::nullopt;
}

std::optional<std::string> uuid(const DeviceQuery& query, const Extensions& extensions) {
  if (!has(extensions, "cl_khr_device_uuid")) return std::nullopt;
  struct Uuid {
    uint8_t bytes[16];
  };
  const auto id = query.optional<Uuid>(CL_DEVICE_UUID_KHR);
  if (!id) return std::nullopt;
  std::string text;
  for (const uint8_t byte : id->bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

/// Whether the packed 4x8-bit product is accelerated, signed as well as unsigned.
std::optional<bool> dotProductAccelerated(const DeviceQuery& query, const Extensions& extensions) {
  if (!has(extensions, "cl_khr_integer_dot_product")) return std::nullopt;
  struct Accelerated {
    cl_bool isSigned, isUnsigned, mixed, saturatingSigned, saturatingUnsigned, saturatingMixed;
  };
  const auto found =
      query.optional<Accelerated>(CL_DEVICE_INTEGER_DOT_PRODUCT_ACCELERATION_PROPERTIES_4x8BIT_PACKED_KHR);
  if (!found) return std::nullopt;
  return found->isSigned != CL_FALSE && found->isUnsigned != CL_FALSE;
}

template <typename Value>
Napi::Value orNull(Napi::Env env, const std::optional<Value>& value) {
  return value ? Napi::Value::From(env, *value) : env.Null();
}

Napi::Object vectorWidths(Napi::Env env, const DeviceQuery& query) {
  Napi::Object widths = Napi::Object::New(env);
  widths.Set("char", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_CHAR));
  widths.Set("short", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_SHORT));
  widths.Set("int", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_INT));
  widths.Set("long", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_LONG));
  widths.Set("float", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT));
  widths.Set("double", query.number(CL_DEVICE_PREFERRED_VECTOR_WIDTH_DOUBLE));
  // Asked for since OpenCL 1.1; 0 means that there are no half vectors, as on every 1.0 device.
  widths.Set("half", query.optional<cl_uint>(CL_DEVICE_PREFERRED_VECTOR_WIDTH_HALF).value_or(0));
  return widths;
}

Napi::Array workItemSizes(Napi::Env env, const DeviceQuery& query) {
  const auto sizes = query.list<size_t>(CL_DEVICE_MAX_WORK_ITEM_SIZES);
  Napi::Array array = Napi::Array::New(env, sizes.size());
  for (uint32_t i = 0; i < sizes.size(); ++i) array.Set(i, static_cast<double>(sizes[i]));
  return array;
}

}  // namespace

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find(separator, start), text.size());
    if (end > start) parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

Napi::Array toArray(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array array = Napi::Array::New(env, texts.size());
  for (uint32_t i = 0; i < texts.size(); ++i) array.Set(i, texts[i]);
  return array;
}

Napi::Object platformInfo(Napi::Env env, cl_platform_id platform) {
  const auto text = [&](cl_uint what) {
    return queryText("clGetPlatformInfo", platformQuery(platform, what));
  };
  Napi::Object info = Napi::Object::New(env);
  info.Set("name", text(CL_PLATFORM_NAME));
  info.Set("vendor", text(CL_PLATFORM_VENDOR));
  info.Set("version", text(CL_PLATFORM_VERSION));
  info.Set("profile", text(CL_PLATFORM_PROFILE));
  info.Set("extensions", toArray(env, split(text(CL_PLATFORM_EXTENSIONS), ' ')));
  info.Freeze();
  return info;
}

Napi::Object deviceInfo(Napi::Env env, cl_device_id device) {
  const DeviceQuery query(device);
  const Extensions extensions = split(query.text(CL_DEVICE_EXTENSIONS), ' ');
  const auto unifiedMemory = query.optional<cl_bool>(CL_DEVICE_HOST_UNIFIED_MEMORY);
  Napi::Object info = Napi::Object::New(env);
  info.Set("name", query.text(CL_DEVICE_NAME));
  info.Set("vendor", query.text(CL_DEVICE_VENDOR));
  info.Set("vendorId", query.number(CL_DEVICE_VENDOR_ID));
  info.Set("driverVersion", query.text(CL_DRIVER_VERSION));
  info.Set("version", query.text(CL_DEVICE_VERSION));
  info.Set("openClCVersion",
           query.textOr(CL_DEVICE_OPENCL_C_VERSION, "OpenCL C 1.0"));  // asked for since 1.1
  info.Set("type", typeName(query.value<cl_bitfield>(CL_DEVICE_TYPE)));
  info.Set("available", query.flag(CL_DEVICE_AVAILABLE));
  info.Set("compilerAvailable", query.flag(CL_DEVICE_COMPILER_AVAILABLE));
  info.Set("extensions", toArray(env, extensions));
  info.Set("builtInKernels",
           toArray(env, split(query.textOr(CL_DEVICE_BUILT_IN_KERNELS, ""), ';')));  // since 1.2
  info.Set("computeUnits", query.number(CL_DEVICE_MAX_COMPUTE_UNITS));
  info.Set("clockMhz", query.number(CL_DEVICE_MAX_CLOCK_FREQUENCY));
  info.Set("addressBits", query.number(CL_DEVICE_ADDRESS_BITS));
  info.Set("littleEndian", query.flag(CL_DEVICE_ENDIAN_LITTLE));
  info.Set("globalMemoryBytes", query.number64(CL_DEVICE_GLOBAL_MEM_SIZE));
  info.Set("globalCacheBytes", query.number64(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE));
  info.Set("cacheLineBytes", query.number(CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE));
  info.Set("localMemoryBytes", query.number64(CL_DEVICE_LOCAL_MEM_SIZE));
  info.Set("localMemoryIsDedicated", query.value<cl_uint>(CL_DEVICE_LOCAL_MEM_TYPE) == CL_LOCAL);
  info.Set("constantBufferBytes", query.number64(CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE));
  info.Set("maxAllocationBytes", query.number64(CL_DEVICE_MAX_MEM_ALLOC_SIZE));
  info.Set("maxWorkGroupSize", query.size(CL_DEVICE_MAX_WORK_GROUP_SIZE));
  info.Set("maxWorkItemSizes", workItemSizes(env, query));
  info.Set("maxParameterBytes", query.size(CL_DEVICE_MAX_PARAMETER_SIZE));
  info.Set("preferredVectorWidths", vectorWidths(env, query));
  info.Set("profilingTimerResolutionNs", query.size(CL_DEVICE_PROFILING_TIMER_RESOLUTION));
  info.Set("imageSupport", query.flag(CL_DEVICE_IMAGE_SUPPORT));
  info.Set("errorCorrection", query.flag(CL_DEVICE_ERROR_CORRECTION_SUPPORT));
  info.Set("unifiedMemory", unifiedMemory ? Napi::Boolean::New(env, *unifiedMemory != CL_FALSE) : env.Null());
  // Asked for since OpenCL 1.2; a device that cannot be partitioned reports 0 or 1.
  info.Set("partitionMaxSubDevices",
           query.optional<cl_uint>(CL_DEVICE_PARTITION_MAX_SUB_DEVICES).value_or(0));
  info.Set("pciAddress", orNull(env, pciAddress(query, extensions)));
  info.Set("uuid", orNull(env, uuid(query, extensions)));
  info.Set("maxSubGroups", orNull(env, query.optional<cl_uint>(CL_DEVICE_MAX_NUM_SUB_GROUPS)));
  info.Set("integerDotProductAccelerated", orNull(env, dotProductAccelerated(query, extensions)));
  info.Freeze();
  return info;
}

}  // namespace bnnw
