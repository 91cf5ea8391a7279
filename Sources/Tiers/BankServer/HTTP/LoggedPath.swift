import Ledger

extension RequestTarget {
    private static let loggedPathBytes = 200
    /// No word of a route is longer.
    private static let plainBytes = 15
    private static let shownBytes = 4

    /// The path for the log. Of a part that may be an account number, however it was written, or a token in
    /// the wrong place, only the end is there; words of routes and ids are whole.
    var loggedPath: String {
        var logged: [UInt8] = []
        var rest = path.utf8.prefix(Self.loggedPathBytes)
        logged.reserveCapacity(rest.count)
        while true {
            let part = rest.prefix { $0 != UInt8(ascii: "/") }
            if part.count > Self.plainBytes, Identifier(String(Substring(part))) == nil {
                logged.append(UInt8(ascii: "*"))
                logged += part.suffix(Self.shownBytes)
            } else {
                logged += part
            }
            guard part.endIndex < rest.endIndex else { break }
            logged.append(UInt8(ascii: "/"))
            rest = rest[part.endIndex...].dropFirst()
        }
        return String(decoding: logged, as: UTF8.self)
    }
}
