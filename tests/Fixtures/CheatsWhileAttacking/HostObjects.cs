using System.Collections;
using System.Reflection;

namespace CheatsWhileAttacking;

/// <summary>Everything that hangs on the host's objects in this process, private fields, delegates and statics too.</summary>
internal static class HostObjects
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
    private const int Most = 400_000;

    public static IEnumerable<object> From(params object[] roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var queue = new Queue<object>(roots.Concat(Statics()));
        while (seen.Count < Most && queue.TryDequeue(out var next))
        {
            if (!seen.Add(next)) continue;
            yield return next;
            foreach (var inner in Inside(next)) queue.Enqueue(inner);
        }
    }

    public static object? Field(object owner, string name)
    {
        for (var type = owner.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField(name, Any) is { } field) return field.GetValue(owner);
        }

        return null;
    }

    private static IEnumerable<object> Statics() => AppDomain.CurrentDomain.GetAssemblies()
        .Where(a => a.GetName().Name!.StartsWith("Titer", StringComparison.Ordinal)).SelectMany(a => a.GetTypes())
        .Where(t => !t.ContainsGenericParameters).SelectMany(t => t.GetFields(Static))
        .Where(f => !f.IsLiteral && Holds(f.FieldType)).Select(Value).OfType<object>();

    private static object? Value(FieldInfo field)
    {
        try
        {
            return field.GetValue(null);
        }
        catch (Exception e) when (e is TargetInvocationException or TypeInitializationException or FieldAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<object> Inside(object value)
    {
        if (value is string) yield break;
        if (value is Delegate { Target: { } target }) yield return target;
        if (value is IEnumerable many and (Array or IDictionary or IList))
        {
            foreach (var item in many) if (item is not null && Holds(item.GetType())) yield return item;
        }

        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(Any | BindingFlags.DeclaredOnly).Where(f => Holds(f.FieldType)))
            {
                if (field.GetValue(value) is { } inner) yield return inner;
            }
        }
    }

    private static bool Holds(Type type) => !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !type.IsByRefLike && !type.IsFunctionPointer;
}
