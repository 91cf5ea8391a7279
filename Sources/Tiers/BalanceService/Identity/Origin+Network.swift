#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension Origin {
    /// What its address counts as where tries are counted. Of IPv6, whoever has one address has a network of
    /// 64 bits.
    var network: String? {
        var address = in6_addr()
        guard let source, inet_pton(AF_INET6, source, &address) == 1 else { return source }
        let bytes = withUnsafeBytes(of: address) { Array($0) }
        // An address of IPv4, as a socket of both kinds has it.
        let isMapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return isMapped ? source : bytes.prefix(8).map { "\($0)" }.joined(separator: ".") + "/64"
    }
}
