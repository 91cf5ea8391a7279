/// A value that can be bound to a statement as a parameter, in PostgreSQL's binary format.
public protocol PostgresEncodable: Sendable {
    /// The type the parameter is declared as.
    static var postgresType: PostgresType { get }

    /// Whether the value is NULL; `encode(into:)` is not called then.
    var isPostgresNull: Bool { get }

    /// Appends the value's binary form, without its length.
    func encode(into writer: inout PostgresWriter)
}

extension PostgresEncodable {
    @inlinable public var isPostgresNull: Bool { false }
}

/// A value that may be an element of a bound array, as an array itself may not.
public protocol PostgresArrayElement: PostgresEncodable {}

/// Collects bytes in network order. Inlinable, as are the arrays: a batch writes many thousand values.
public struct PostgresWriter: Sendable {
    @usableFromInline var bytes: [UInt8] = []

    @usableFromInline init() {}

    @inlinable
    public mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    @inlinable
    public mutating func append(utf8 text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    @inlinable
    public mutating func reserve(_ count: Int) {
        // Growing by exact amounts would copy everything for each parameter.
        guard bytes.capacity - bytes.count < count else { return }
        bytes.reserveCapacity(max(bytes.count + count, bytes.capacity * 2))
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }

    @inlinable public var isPostgresNull: Bool {
        self?.isPostgresNull ?? true
    }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        self?.encode(into: &writer)
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {}
