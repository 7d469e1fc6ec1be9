namespace Titer.Sdk;

/// <summary>
/// Immunizes a safety-aligned model before its release. The class needs one public constructor, without parameters or with one
/// options record (see <c>README</c>: positional record, defaults are the paper's values, ranges by DataAnnotations).
/// </summary>
public interface IDefense
{
    /// <summary>
    /// Changes the weights of <c>context.Model</c> in place. Called once per seed, on a thread of its own, with the model in
    /// float32 or bfloat16 on <c>context.Device</c>. An exception ends the phase with status <c>error</c>; nothing of the context may be kept.
    /// </summary>
    void Immunize(DefenseContext context);
}
