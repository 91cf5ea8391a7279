import NIOHTTP1

/// Where requests come from, as far as it can be known.
struct RequestSources: Sendable {
    /// The addresses of the proxies in front, which are believed of whom they ask for.
    let proxies: Set<String>
    /// Whether whoever connects is a proxy where none is named.
    let isBehindProxy: Bool

    init(_ configuration: AppConfiguration) {
        proxies = Set(configuration.proxies)
        isBehindProxy = configuration.isPlaintext && proxies.isEmpty
    }

    /// - Parameter peer: The address at the other end of the connection.
    /// - Returns: The address of who asks; `nil`: nobody said.
    func source(_ peer: String?, _ headers: HTTPHeaders) -> String? {
        isProxy(peer) ? Forwarded.source(headers) : isDirect(peer) ? peer : nil
    }

    /// Whether who asks is at the other end of the connection.
    func isDirect(_ peer: String?) -> Bool {
        peer != nil && !isBehindProxy && !isProxy(peer)
    }

    private func isProxy(_ peer: String?) -> Bool {
        guard !proxies.isEmpty, let peer else { return false }
        return proxies.contains(Forwarded.ipAddress(peer[...]) ?? peer)
    }
}
