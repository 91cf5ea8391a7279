/// A statement and its parameters.
///
/// Written as a string literal. What is interpolated never becomes part of the text: it is bound as a
/// parameter, `$1`, `$2`, … in order, in binary.
///
///     try await connection.query("SELECT name FROM accounts WHERE id = ANY(\(ids))")
///
/// Literals are `StaticString`s, so no string made at run time can become a statement's text.
public struct PostgresQuery: Sendable {
    /// The text, with `$n` where values were interpolated.
    public let text: String
    let parameters: PostgresParameters

    /// A statement without parameters that the program carries in a file. Nothing that a caller sent may
    /// be in its text.
    public init(trustedText text: String) {
        self.text = text
        parameters = PostgresParameters()
    }
}

extension PostgresQuery: ExpressibleByStringInterpolation {
    public init(stringLiteral value: StaticString) {
        text = value.description
        parameters = PostgresParameters()
    }

    public init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
        parameters = stringInterpolation.parameters
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        @usableFromInline var text = ""
        @usableFromInline var parameters = PostgresParameters()

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 3)
        }

        public mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { text.append(String(decoding: $0, as: UTF8.self)) }
        }

        /// Makes a part of the program's own text.
        public mutating func appendInterpolation(raw text: StaticString) {
            appendLiteral(text)
        }

        /// Binds a value as the next parameter.
        @inlinable
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            parameters.append(value)
            appendPlaceholder()
        }

        /// Binds a value or NULL as the next parameter.
        @inlinable
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            parameters.append(value)
            appendPlaceholder()
        }

        @usableFromInline
        mutating func appendPlaceholder() {
            text.append("$")
            text.append(String(parameters.fields.count))
        }
    }
}

extension PostgresQuery {
    /// Makes the COMMIT of its transaction wait, as every COMMIT that writes does, until all that was
    /// committed before is as safe as the server is set up to make it: on its disk and, with synchronous
    /// replication, on a standby. A transaction that only read would not wait. What it read may be there
    /// and yet not last: committed here, while the wait for the standby was cut short by a cancel request,
    /// by the end of the session, or by a restart.
    ///
    /// Any role may send it, outside of read-only transactions.
    public static let barrier: PostgresQuery = "SELECT pg_logical_emit_message(true, 'barrier', '')"
}
