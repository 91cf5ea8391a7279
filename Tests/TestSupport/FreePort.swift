#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A TCP socket on 127.0.0.1 that listens and never answers, until it is closed.
public final class SilentListener: Sendable {
    private let descriptor: Int32
    public let port: Int

    public init?() {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
                    && bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        if !isListening { return nil }
    }

    deinit {
        close(descriptor)
    }
}

/// A port on 127.0.0.1 where nobody listens at the moment.
public func freePort() -> Int {
    SilentListener()?.port ?? 0
}
