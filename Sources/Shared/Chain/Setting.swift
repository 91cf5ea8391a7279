#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One setting of a tier: a flag, over an environment variable, over a default.
public struct Setting<Value: Sendable>: Sendable {
    /// The flag as it is typed, such as `--listen`.
    public let flag: String
    /// The environment variable, such as `BANK_SERVER_LISTEN`.
    public let variable: String
    public let defaultValue: Value
    /// What a value looks like, for the error message.
    public let expected: String
    private let parse: @Sendable (String) -> Value?

    /// - Parameter parse: Returns `nil` for a text that is no value.
    public init(
        _ flag: String, _ variable: String, default defaultValue: Value, expected: String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.flag = flag
        self.variable = variable
        self.defaultValue = defaultValue
        self.expected = expected
        self.parse = parse
    }

    /// The value that counts. An empty environment variable is as good as none.
    ///
    /// - Parameters:
    ///   - flagText: The flag's value, `nil` when it was not given.
    ///   - environment: Looks up an environment variable.
    /// - Throws: ``SettingError`` when the text that counts is no value.
    public func value(
        flag flagText: String?, environment: (String) -> String? = Environment.value
    ) throws(SettingError) -> Value {
        if let flagText {
            return try parse(flagText, from: flag, isFlag: true)
        }
        if let text = environment(variable), !text.isEmpty {
            return try parse(text, from: variable, isFlag: false)
        }
        return defaultValue
    }

    private func parse(_ text: String, from source: String, isFlag: Bool) throws(SettingError)
        -> Value
    {
        guard let value = parse(text) else {
            throw SettingError(source: source, text: text, expected: expected, isFlag: isFlag)
        }
        return value
    }
}

/// An invalid value of a setting.
public struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The flag or the environment variable.
    public let source: String
    public let text: String
    public let expected: String
    /// Whether it came from a flag; else from the environment.
    public let isFlag: Bool

    public var description: String {
        let printable = text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: true) }.joined()
        return "\(source) is '\(printable)': expected \(expected)"
    }
}

/// The process's environment.
public enum Environment {
    public static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
