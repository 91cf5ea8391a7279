#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The calls to the operating system that more than one file needs.
enum Host {
    /// The text of an error number, as strerror(3) has it.
    static func message(_ number: Int32 = errno) -> String {
        guard let text = strerror(number) else { return "error \(number)" }
        return String(cString: text)
    }

    static var isRoot: Bool { geteuid() == 0 }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The folders in PATH.
    static var searchPath: [String] {
        (variable("PATH") ?? "").unicodeScalars.split(separator: ":").map { String($0) }
    }

    static var unixTimeSeconds: Int { time(nil) }

    /// The folder of the running executable, symbolic links resolved.
    static func executableFolder() -> String? {
        #if canImport(Darwin)
        var size: UInt32 = 0
        _ = _NSGetExecutablePath(nil, &size)
        var buffer = [CChar](repeating: 0, count: Int(size) + 1)
        guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
        let path = buffer.withUnsafeBufferPointer { $0.baseAddress.map(String.init(cString:)) }
        #else
        let path: String? = "/proc/self/exe"
        #endif
        return path.flatMap(resolved).map(parent)
    }

    /// The path without symbolic links; nil when there is nothing.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex
        else {
            return "/"
        }
        return String(path[..<slash])
    }

    static func absolute(_ path: String) -> String {
        guard !path.isAbsolutePath, let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
