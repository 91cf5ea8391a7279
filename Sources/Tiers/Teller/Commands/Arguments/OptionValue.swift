import ArgumentParser

/// Reads an option's value.
///
/// - Throws: `ValidationError`, which says what is wrong with it after the option's name.
func option<Value>(_ name: String, _ read: () throws -> Value) throws -> Value {
    do {
        return try read()
    } catch {
        throw ValidationError("\(name): \(error)")
    }
}

extension TellerError {
    /// Of an invalid request, found before any hop.
    static func invalid(_ what: String) -> TellerError {
        TellerError(.dataError, what, advice: "nothing was sent")
    }
}
