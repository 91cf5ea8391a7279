#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What this process asks its operating system.
enum Host {
    /// The text of an error number, as strerror(3) has it.
    static func message(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }

    static var isRoot: Bool { geteuid() == 0 }

    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The folders in PATH.
    static var searchPath: [String] {
        (variable("PATH") ?? "").unicodeScalars.split(separator: ":").map { String($0) }
            .filter(\.isAbsolutePath)
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
        else { return "/" }
        return String(path[..<slash])
    }

    /// What stands behind the last slash.
    static func name(of path: String) -> String {
        String(Substring(path.utf8.dropFirst(parent(of: path).utf8.count + 1)))
    }

    static func absolute(_ path: String) -> String {
        guard !path.isAbsolutePath, let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }

    /// Says before anything is started that the bank-server could not listen on 127.0.0.1.
    ///
    /// - Throws: `LocalBankError.Code.portInUse`.
    static func checkPort(_ port: Int) throws(LocalBankError) {
        guard port != 0 else { return }
        #if canImport(Glibc)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        // Without one the bank-server says what is wrong.
        guard listener >= 0 else { return }
        defer { close(listener) }
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result != 0 else { return }
        let isTaken = errno == EADDRINUSE
        let what = isTaken ? "is in use by another program" : "cannot be used: \(message(errno))"
        throw LocalBankError(
            .portInUse, "port \(port) \(what)",
            advice: "choose another with --port, or 0 for any free one", part: Part(.bankServer))
    }
}
