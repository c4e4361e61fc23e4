using System.Reflection;

namespace Ambry.Architecture.Tests;

/// <summary>
/// Finds the assemblies whose types an assembly shows in its public and protected members. Stateless.
/// </summary>
internal static class PublicSignatures
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<(string Member, string Assembly)> Of(Assembly assembly) =>
        assembly.GetExportedTypes().SelectMany(type => Shown(type).SelectMany(shown =>
            Flatten(shown).Select(part => (type.FullName!, part.Assembly.GetName().Name!)))).Distinct();

    private static IEnumerable<Type> Shown(Type type)
    {
        var types = new List<Type>(type.GetInterfaces());
        if (type.BaseType is not null)
        {
            types.Add(type.BaseType);
        }

        foreach (var method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
        {
            if (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
            {
                types.AddRange(method.GetParameters().Select(parameter => parameter.ParameterType));
                types.Add(method is MethodInfo info ? info.ReturnType : type);
            }
        }

        types.AddRange(type.GetFields(Declared)
            .Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
            .Select(field => field.FieldType));
        return types;
    }

    private static IEnumerable<Type> Flatten(Type type)
    {
        if (type.HasElementType)
        {
            return Flatten(type.GetElementType()!);
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Flatten).Append(type) : [type];
    }
}
