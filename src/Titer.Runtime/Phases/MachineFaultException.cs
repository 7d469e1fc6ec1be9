using Titer.Files.Codes;

namespace Titer.Runtime.Phases;

/// <summary>
/// The machine, not a plugin, is at fault: a full disk, a library that does not load, a signal from outside. What a phase came to under it is no
/// result: nothing is stored, and the phase is played again when the machine is mended.
/// </summary>
/// <param name="code">Stable code.</param>
/// <param name="text">The fact and what to mend.</param>
internal class MachineFaultException(string code, string text, Exception? inner = null) : Exception($"{code} {text}", inner), ICoded
{
    /// <summary>The host's own work failed before any code of a plugin ran.</summary>
    public const string HostWorkCode = "TITER211";

    /// <summary>The disk was full, or a file could not be read or written.</summary>
    public const string DiskCode = "TITER232";

    /// <summary>The machine had no memory for a plugin that was within its own.</summary>
    public const string MemoryCode = "TITER233";

    /// <summary>For example <c>TITER232</c>.</summary>
    public string Code { get; } = code;

    /// <summary>Codes under which a worker reports a want of the machine in the form of a result.</summary>
    internal static bool IsMachines(string? code) => code is DiskCode or MemoryCode;
}
