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

    /// Takes a connection that waits.
    /// - Returns: nil when there is none.
    public func accept() -> SilentPeer? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) == 1 else { return nil }
        return SilentPeer(takenFrom: descriptor)
    }
}

/// A connection that was made to a `SilentListener`.
public final class SilentPeer: Sendable {
    private let descriptor: Int32

    fileprivate init(takenFrom listener: Int32) {
        descriptor = accept(listener, nil, nil)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        close(descriptor)
    }

    /// Whether the other side has closed it by now.
    public var isClosed: Bool {
        var bytes = [UInt8](repeating: 0, count: 1024)
        var count = 1
        while count > 0 { count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) }
        return count == 0 || errno != EAGAIN
    }
}

/// A port on 127.0.0.1 where nobody listens at the moment.
public func freePort() -> Int {
    SilentListener()?.port ?? 0
}
