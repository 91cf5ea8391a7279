internal import Foundation

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

    /// - Parameter port: 0 is any free one.
    /// - Returns: nil when the port is taken.
    public init?(port wanted: UInt16 = 0) {
        #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
        #else
        let stream = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = wanted.bigEndian
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

    /// Whether this process has closed the other side by now. Nothing that arrives here tells: a process
    /// that is being started has a copy of the other side until its exec.
    public var isClosed: Bool {
        let other = (Self.port(descriptor, of: getpeername), Self.port(descriptor, of: getsockname))
        let own = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        return !own.compactMap { Int32($0) }.contains {
            (Self.port($0, of: getsockname), Self.port($0, of: getpeername)) == other
        }
    }

    private static func port(
        _ descriptor: Int32,
        of name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                name(descriptor, $0, &length) == 0 && $0.pointee.sa_family == AF_INET
            }
        }
        return isNamed ? address.sin_port : nil
    }
}

/// A port on 127.0.0.1 where nobody listens at the moment. Below those that systems give to connections and
/// to whoever asks for any, so that it is free when a server has started, and started again.
public func freePort() -> Int {
    for _ in 0..<100 {
        if let listener = SilentListener(port: .random(in: 15_000..<32_000)) {
            return listener.port
        }
    }
    return 0
}
