/// A JSON text (RFC 8259) as it was written: numbers keep their digits, objects their order.
///
/// Bodies are read by hand rather than through Codable: at a third of the cost, with errors that
/// name the member and the reason, and without members that are there twice or unknown.
enum JSONValue: Sendable, Hashable {
    struct Member: Sendable, Hashable {
        var name: String
        var value: JSONValue
    }

    case null
    case bool(Bool)
    /// The literal.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// - Throws: ``JSONError``, also for a member that is there twice.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.parse()
    }
}

/// Why a text is not JSON.
struct JSONError: Error, Hashable, CustomStringConvertible {
    var reason: String
    /// Where, counted in bytes from 1.
    var position: Int

    var description: String { "\(reason) at byte \(position)" }
}
