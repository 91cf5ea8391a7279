#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One setting of a tier: a flag, over an environment variable, over a line of the settings file,
/// over a default.
public struct Setting<Value: Sendable>: Sendable {
    /// The flag as it is typed, such as `--listen`; `nil` when there is none.
    public let flag: String?
    /// The name in the environment and in the settings file, such as `BANK_SERVER_LISTEN`.
    public let variable: String
    public let defaultValue: Value
    /// What a value looks like, for the error message.
    public let expected: String
    /// Whether it may hold a password: then `NAME_FILE` may name a file that holds it, and no
    /// message shows it.
    public let isSecret: Bool
    private let parse: @Sendable (String) -> Value?

    /// - Parameter parse: Returns `nil` for a text that is no value.
    public init(
        _ flag: String?, _ variable: String, default defaultValue: Value, expected: String,
        isSecret: Bool = false, parse: @escaping @Sendable (String) -> Value?
    ) {
        self.flag = flag
        self.variable = variable
        self.defaultValue = defaultValue
        self.expected = expected
        self.isSecret = isSecret
        self.parse = parse
    }

    /// The names that the environment and the settings file may give it by.
    public var names: [String] { isSecret ? [variable, fileVariable] : [variable] }

    private var fileVariable: String { "\(variable)_FILE" }

    /// The value that counts. An empty text of the environment or the file is as good as none.
    ///
    /// - Parameters:
    ///   - flagText: The flag's value, `nil` when it was not given.
    ///   - file: The settings file, `nil` when there is none.
    ///   - environment: Looks up an environment variable.
    /// - Throws: ``SettingError`` when the text that counts is no value, or a secret is given twice
    ///   in one place, or its file cannot be read.
    public func value(
        flag flagText: String?, file: SettingsFile? = nil,
        environment: (String) -> String? = Environment.value
    ) throws(SettingError) -> Value {
        guard let given = try text(flag: flagText, file: file, environment: environment) else {
            return defaultValue
        }
        guard let value = parse(given.text) else {
            let shown = isSecret ? "is no value" : "is '\(SettingError.printable(given.text))'"
            throw SettingError(
                source: given.source, problem: "\(shown): expected \(expected)",
                isFlag: given.isFlag)
        }
        return value
    }

    /// The text that counts, for whoever reads it otherwise; `nil` when there is none.
    public func text(
        flag flagText: String?, file: SettingsFile? = nil,
        environment: (String) -> String? = Environment.value
    ) throws(SettingError) -> SettingText? {
        if let flagText {
            return SettingText(text: flagText, source: flag ?? variable, isFlag: true)
        }
        let given = try given { name in
            environment(name).map { SettingText(text: $0, source: name) }
        }
        return if let given { given } else { try self.given { file?[$0] } }
    }

    /// What one place gives: the value itself, or the file with the secret.
    private func given(_ lookUp: (String) -> SettingText?) throws(SettingError) -> SettingText? {
        let texts = names.map { name in lookUp(name).flatMap { $0.text.isEmpty ? nil : $0 } }
        guard texts.count == 2, let path = texts[1] else { return texts[0] }
        guard texts[0] == nil else {
            throw SettingError(
                source: path.source, problem: "is given as well as \(variable): leave out one")
        }
        return SettingText(text: try SettingsFile.secret(path), source: path.source)
    }
}

extension Setting<Int> {
    /// - Parameters:
    ///   - range: The numbers that are allowed.
    public static func count(
        _ flag: String, _ variable: String, default defaultValue: Int, in range: ClosedRange<Int>
    ) -> Setting {
        Setting(
            flag, variable, default: defaultValue,
            expected: "a number from \(range.lowerBound) to \(range.upperBound)"
        ) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }
}

extension Setting<ReadyFile?> {
    public static func readyFile(_ variable: String) -> Setting {
        Setting("--ready-file", variable, default: nil, expected: "a file's path") {
            ReadyFile(path: $0)
        }
    }
}

/// The text of a setting, and where it stood.
public struct SettingText: Sendable {
    public let text: String
    /// The flag, the environment variable, or the line of the settings file.
    public let source: String
    public var isFlag = false
}

/// An invalid value of a setting, or an invalid line of the settings file.
public struct SettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The flag, the environment variable, or the line of the file.
    public let source: String
    public let problem: String
    /// Whether it came from a flag; else from the environment or the file.
    public var isFlag = false

    public var description: String { "\(source) \(problem)" }

    static func printable(_ text: String) -> String {
        text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: true) }.joined()
    }
}

/// The process's environment.
public enum Environment {
    /// The variable's value; `nil` when it is not set, or empty.
    public static func value(_ name: String) -> String? {
        getenv(name).flatMap { $0.pointee == 0 ? nil : String(cString: $0) }
    }
}
