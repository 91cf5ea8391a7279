#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

enum PortCheck {
    /// Says before anything is started that the bank-server could not listen on 127.0.0.1.
    ///
    /// - Throws: `LocalBankError.Code.portInUse`.
    static func check(_ port: Int) throws(LocalBankError) {
        guard port != 0 else { return }
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let listener = socket(AF_INET, kind, 0)
        // Then the bank-server says what is wrong.
        guard listener >= 0 else { return }
        defer { close(listener) }
        var yes: Int32 = 1
        setsockopt(
            listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
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
        let what =
            errno == EADDRINUSE
            ? "is in use by another program" : "cannot be used: \(Host.message(errno))"
        throw LocalBankError(
            .portInUse, "port \(port) \(what)",
            advice: "choose another with --port, or 0 for any free one", part: Part(.bankServer))
    }
}
