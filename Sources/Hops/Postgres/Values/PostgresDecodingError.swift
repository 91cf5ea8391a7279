/// A column does not hold what was asked of it. A fault of the program or of its schema.
public struct PostgresDecodingError: Error, Equatable, Sendable {
    public enum Reason: Error, Equatable, Sendable {
        /// The row has no such column.
        case noSuchColumn
        /// The column is NULL and the type asked for is not optional.
        case unexpectedNull
        /// The column is of another type.
        case typeMismatch(expected: PostgresType)
        /// The column is not an array of a known type.
        case notAnArray
        /// The array has more than one dimension.
        case notOneDimensional
        /// The bytes are not a value of the type.
        case malformed
    }

    /// The column's position, from 0.
    public let column: Int
    /// The column's name, if there is such a column.
    public let name: String?
    /// The type the server says the column has.
    public let actual: PostgresType?
    /// The Swift type that was asked for.
    public let target: String
    public let reason: Reason
}

extension PostgresDecodingError: CustomStringConvertible {
    /// Names the column and the types, never the value.
    public var description: String {
        let place = name.map { "column \"\($0)\"" } ?? "column \(column)"
        let type = actual.map { " of type \($0)" } ?? ""
        let why =
            switch reason {
            case .noSuchColumn: "there is no such column"
            case .unexpectedNull: "it is NULL"
            case .typeMismatch(let expected): "\(expected) was expected"
            case .notAnArray: "it is not an array of a known type"
            case .notOneDimensional: "it has more than one dimension"
            case .malformed: "its bytes are malformed"
            }
        return "cannot read \(place)\(type) as \(target): \(why)"
    }
}
