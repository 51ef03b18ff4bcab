export async function operationRoutes(app: unknown, portal: unknown): Promise<void> {}
