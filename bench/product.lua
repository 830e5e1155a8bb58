-- wrk: products FROM + 1, FROM + 2 … by POST. Where COUNT is set it ends with that many, and says nothing: wrk itself would go on to sleep.
local n, left = tonumber(os.getenv("FROM") or "0"), tonumber(os.getenv("COUNT") or "0")
local body = '{"product":{"sku":"bench-%d","name":"Product %d","attribute_set_id":4,"price":%.1f,"type_id":"simple","status":1,"visibility":4,"weight":1,'
  .. '"extension_attributes":{"website_ids":[1],"category_links":[{"position":0,"category_id":"2"}],"stock_item":{"qty":100,"is_in_stock":true}},'
  .. '"custom_attributes":[{"attribute_code":"description","value":"A description of some length, as products have one, for product %d"},'
  .. '{"attribute_code":"short_description","value":"Short"},{"attribute_code":"url_key","value":"bench-%d"}]}}'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  n = n + 1
  return wrk.format(nil, nil, nil, body:format(n, n, 12.5 + n % 100, n, n))
end
if left > 0 then
  response = function(status)
    left = left - 1
    if status ~= 200 then os.exit(1) end
    if left == 0 then os.exit(0) end
  end
end
