using System.Runtime.InteropServices;

namespace Titer.Models.Native;

/// <summary>A function of a library that is there on some machines only, so that no import can name it.</summary>
internal static class NativeFunction
{
    /// <exception cref="EntryPointNotFoundException">The library has no such function.</exception>
    public static TDelegate Of<TDelegate>(nint library, string name)
        where TDelegate : Delegate => Marshal.GetDelegateForFunctionPointer<TDelegate>(NativeLibrary.GetExport(library, name));
}
