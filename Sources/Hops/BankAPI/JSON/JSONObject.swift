import Ledger

/// A JSON object whose members are read by name; errors name them with their place in the body.
struct JSONObject {
    private enum Members {
        case parsed([JSONValue.Member])
        /// Of a journal: what a later program added is passed over.
        case decoded(KeyedDecodingContainer<MemberName>)
    }

    private let members: Members
    /// Before the names of members in errors, such as `transfers[3].`.
    private let path: String

    init(_ decoder: any Decoder) throws {
        members = .decoded(try decoder.container(keyedBy: MemberName.self))
        path = ""
    }

    /// The object that a body is.
    init(_ body: [UInt8]) throws(Problem) {
        guard !body.isEmpty else { throw .invalid("The body is empty: a JSON object is expected.") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: body)
        } catch {
            throw .invalid("The body is not valid JSON: \(error).")
        }
        try self.init(value, path: "")
    }

    /// - Parameter path: Where the value is; empty: it is the body.
    init(_ value: JSONValue, path: String) throws(Problem) {
        guard case .object(let members) = value else {
            throw .invalid("\(path.isEmpty ? "The body" : path) must be a JSON object.")
        }
        self.members = .parsed(members)
        self.path = path.isEmpty ? "" : path + "."
    }

    /// - Throws: When there is a member with another name: a mistyped one must not be passed over.
    func allow(_ names: [String]) throws(Problem) {
        guard case .parsed(let members) = members else { return }
        for member in members where !names.contains(member.name) {
            throw .invalid(
                "\(path)\(Self.printable(member.name)) is not expected here: "
                    + "the members are \(names.joined(separator: ", ")).")
        }
    }

    /// - Returns: `nil` when it is absent.
    /// - Throws: When it is null: whoever writes a member means something by it.
    func value(_ name: String) throws(Problem) -> JSONValue? {
        switch members {
        case .decoded(let container): return Self.value(name, container)
        case .parsed(let members):
            guard let member = members.first(where: { $0.name == name }) else { return nil }
            guard member.value != .null else { throw .invalid("\(path)\(name) must not be null.") }
            return member.value
        }
    }

    private static func value(
        _ name: String, _ container: KeyedDecodingContainer<MemberName>
    ) -> JSONValue? {
        let key = MemberName(stringValue: name)
        guard (try? container.decodeNil(forKey: key)) == false else { return nil }
        if let text = try? container.decode(String.self, forKey: key) { return .string(text) }
        let number = try? container.decode(Int64.self, forKey: key)
        return number.map { .number(String($0)) } ?? .object([])
    }

    /// - Returns: The value that `required` demands.
    /// - Throws: When there is none.
    func required<Value>(
        _ name: String, _ read: (String) throws(Problem) -> Value?
    ) throws(Problem) -> Value {
        guard let value = try read(name) else { throw .invalid("\(path)\(name) is missing.") }
        return value
    }

    func string(_ name: String) throws(Problem) -> String? {
        guard let value = try value(name) else { return nil }
        guard case .string(let text) = value else {
            throw .invalid("\(path)\(name) must be a string.")
        }
        return text
    }

    func bool(_ name: String) throws(Problem) -> Bool? {
        guard let value = try value(name) else { return nil }
        guard case .bool(let bool) = value else {
            throw .invalid("\(path)\(name) must be true or false.")
        }
        return bool
    }

    func integer(_ name: String) throws(Problem) -> Int64? {
        guard let value = try value(name) else { return nil }
        guard case .number(let literal) = value, let integer = Int64(literal) else {
            throw .invalid("\(path)\(name) must be a whole number.")
        }
        return integer
    }

    /// - Parameters:
    ///   - limit: How many there may be; one at least must be.
    ///   - read: Gets an element, and its place in the object.
    func list<Element>(
        _ name: String, atMost limit: Int,
        _ read: (JSONValue, String) throws(Problem) -> Element
    ) throws(Problem) -> [Element] {
        guard let value = try value(name) else { throw .invalid("\(path)\(name) is missing.") }
        guard case .array(let elements) = value else {
            throw .invalid("\(path)\(name) must be an array.")
        }
        guard (1...limit).contains(elements.count) else {
            throw problem(name, "1 to \(limit) are expected")
        }
        var list: [Element] = []
        list.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            list.append(try read(element, "\(name)[\(index)]"))
        }
        return list
    }

    /// A problem of the member.
    func problem(_ name: String, _ reason: String, _ code: ProblemCode = .requestInvalid) -> Problem
    {
        Problem(code, detail: "\(path)\(name): \(reason).")
    }

    /// A name from outside, fit for a message of one line.
    private static func printable(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(40).map { scalar in
            scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f ? Character(scalar) : "?"
        }
        return "'\(String(scalars))'"
    }
}

extension Decodable {
    /// Reads it as a body is read, but for members that are not known.
    init(_ decoder: any Decoder, _ read: (JSONObject) throws(Problem) -> Self) throws {
        do {
            self = try read(try JSONObject(decoder))
        } catch let problem as Problem {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: problem.detail))
        }
    }
}
