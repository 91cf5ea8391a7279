/// A JSON text (RFC 8259) as it was written: numbers keep their digits, objects their order.
///
/// Bodies are read by hand rather than through Codable: at a third of the cost, with errors that
/// name the member and the reason, and without members that are there twice or unknown.
public enum JSONValue: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public var name: String
        public var value: JSONValue
    }

    case null
    case bool(Bool)
    /// The literal.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// - Throws: ``JSONError``, also for a member that is there twice.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self = try parser.parse()
    }
}

extension JSONValue: Encodable {
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .null: try Bool?.none.encode(to: encoder)
        case .bool(let bool): try bool.encode(to: encoder)
        case .number(let literal): try Int64(literal).encode(to: encoder)
        case .string(let text): try text.encode(to: encoder)
        case .array(let elements): try elements.encode(to: encoder)
        case .object(let members):
            var container = encoder.container(keyedBy: MemberName.self)
            for member in members {
                try container.encode(member.value, forKey: MemberName(stringValue: member.name))
            }
        }
    }
}

/// Any member's name.
public struct MemberName: CodingKey {
    public let stringValue: String
    public var intValue: Int? { nil }

    public init(stringValue: String) { self.stringValue = stringValue }
    public init?(intValue: Int) { nil }
}

/// Why a text is not JSON.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    public var reason: String
    /// Where, counted in bytes from 1.
    var position: Int

    public var description: String { "\(reason) at byte \(position)" }
}
